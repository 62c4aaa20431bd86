# {{{heading}}}
port {{port}}
{{#debug}}
log everything
{{/debug}}
{{^debug}}
log errors
{{/debug}}
server {{first_host}}
{{#hosts}}
host {{.}}
{{/hosts}}
{{#big}}
workers 16
{{/big}}

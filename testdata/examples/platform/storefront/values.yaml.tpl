# Three braces take a value as it is; with two, HTML characters are escaped.
image: "{{{image}}}"
replicas: {{replicas}}
hostname: "{{{hostname}}}"
greeting: "{{{greeting}}}"
release: "{{{id}}}"

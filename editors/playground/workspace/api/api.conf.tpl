# Read by the API when it starts.
listen = {{ port }}
database = {{ database_url }}

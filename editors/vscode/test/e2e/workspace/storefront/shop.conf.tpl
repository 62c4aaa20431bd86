region={{region}}
database={{address}}

module escape.build/escape

go 1.26

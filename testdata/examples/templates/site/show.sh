#!/bin/sh
# Prints inputs of every type.
set -eu
echo "text: $INPUT_text"
echo "number: $((INPUT_number + 1)) is one more than $INPUT_number"
if [ "$INPUT_flag" = 1 ]; then
	echo "flag: true"
fi
echo "words: $INPUT_words"
echo "numbers: $INPUT_numbers"
echo "choice: $INPUT_choice"
echo "secret: $INPUT_secret"
echo "$INPUT_what as $INPUT_which in $INPUT_where of $INPUT_state"

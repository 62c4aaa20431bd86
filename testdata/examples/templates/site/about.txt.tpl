{{! Two braces escape what HTML has a meaning for; three leave a value as it is. }}
{{{title}}}, version {{version}}
Questions to site@example.com

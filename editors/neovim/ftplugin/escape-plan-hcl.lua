require('escape').buffer('hcl')

require('escape').buffer('yaml')

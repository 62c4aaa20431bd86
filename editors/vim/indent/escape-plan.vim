runtime! indent/yaml.vim

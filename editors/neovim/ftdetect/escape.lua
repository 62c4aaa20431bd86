-- The names under which Escape looks for plans.
local types = { ['escape.yml'] = 'escape-plan', ['escape.yaml'] = 'escape-plan', ['escape.hcl'] = 'escape-plan-hcl' }

if vim.fn.has('nvim-0.8') == 1 then
  -- A name wins over an ending, so servers for YAML do not attach.
  vim.filetype.add({ filename = types })
else
  for name, filetype in pairs(types) do
    vim.cmd(('autocmd BufNewFile,BufRead %s set filetype=%s'):format(name, filetype))
  end
end

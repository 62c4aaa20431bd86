-- The language server of Escape, for vim.lsp.enable('escape') of Neovim 0.11 and later.
local escape = require('escape')

return {
  cmd = escape.cmd,
  filetypes = escape.filetypes,
  get_language_id = escape.language_id,
  init_options = { clientCommands = vim.tbl_keys(escape.commands) },
  commands = escape.commands,
  -- Scripts and templates get the server only below a plan.
  root_dir = function(bufnr, on_dir)
    local root = escape.root(vim.api.nvim_buf_get_name(bufnr))
    if root then
      on_dir(root)
    end
  end,
}

-- Escape plans in Neovim: what the configuration for 0.11 and the fall-back for older versions have in common.
local M = {}

-- What starts the server; setup changes it.
M.cmd = { 'escape', 'lsp' }

M.filetypes = { 'escape-plan', 'escape-plan-hcl', 'sh', 'bash', 'python', 'mustache' }

M.plans = { 'escape.yml', 'escape.yaml', 'escape.hcl' }

local languages = { sh = 'shellscript', bash = 'shellscript' }

-- language_id returns the name that the protocol has for a file type.
function M.language_id(_, filetype)
  return languages[filetype] or filetype
end

-- root returns the folder that the server works in for a file: that of the repository, else that of the nearest plan. It is nil if
-- there is no plan at or above the file.
function M.root(file)
  local dir = vim.fn.fnamemodify(file, ':p:h')
  local near
  for _, name in ipairs(M.plans) do
    if vim.fn.fnamemodify(file, ':t') == name then
      near = dir
      break
    end
    local found = vim.fn.findfile(name, vim.fn.escape(dir, ' ,;') .. ';')
    local at = found ~= '' and vim.fn.fnamemodify(found, ':p:h')
    if at and (not near or #at > #near) then
      near = at
    end
  end
  if not near then
    return nil
  end
  local git = vim.fn.finddir('.git', vim.fn.escape(dir, ' ,;') .. ';')
  return git ~= '' and vim.fn.fnamemodify(git, ':p:h:h') or near
end

-- commands are those of code lenses and actions that the client runs.
M.commands = {
  -- Runs the client of Escape in a terminal, in the folder of the plan.
  ['escape.run'] = function(command)
    local run = command.arguments[1]
    local argv = vim.list_extend({ M.cmd[1] }, run.command)
    local dir = vim.fn.fnamemodify(vim.uri_to_fname(run.uri), ':h')
    vim.cmd('botright new')
    if vim.fn.has('nvim-0.11') == 1 then
      vim.fn.jobstart(argv, { cwd = dir, term = true })
    else
      vim.fn.termopen(argv, { cwd = dir })
    end
  end,
  -- Shows places in the quickfix list.
  ['escape.showReferences'] = function(command, ctx)
    local client = ctx and vim.lsp.get_client_by_id(ctx.client_id)
    local encoding = client and client.offset_encoding or 'utf-16'
    vim.fn.setqflist({}, ' ', {
      title = command.title or 'References',
      items = vim.lsp.util.locations_to_items(command.arguments[3] or {}, encoding),
    })
    vim.cmd('botright copen')
  end,
}

-- buffer sets up the buffer of a plan. The parser of a notation colours it, if there is one.
function M.buffer(notation)
  vim.bo.commentstring = '# %s'
  vim.bo.expandtab = true
  vim.bo.shiftwidth = 2
  vim.bo.softtabstop = 2
  vim.b.undo_ftplugin = 'setlocal commentstring< expandtab< shiftwidth< softtabstop<'
  if vim.treesitter.language and vim.treesitter.language.register then
    vim.treesitter.language.register(notation, vim.bo.filetype)
    if pcall(vim.treesitter.start, 0, notation) then
      return
    end
  end
  if #vim.api.nvim_get_runtime_file('syntax/' .. vim.bo.filetype .. '.vim', false) == 0 then
    vim.bo.syntax = notation
  end
end

local clients = {} -- ids by root, for versions without vim.lsp.enable

-- attach starts the server for a buffer, or has the one of its root take it.
function M.attach(bufnr, config)
  local root = M.root(vim.api.nvim_buf_get_name(bufnr))
  if not root or vim.fn.executable(M.cmd[1]) == 0 then
    return
  end
  local id = clients[root]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(vim.tbl_deep_extend('force', {
      name = 'escape',
      cmd = M.cmd,
      root_dir = root,
      workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
      get_language_id = M.language_id,
      init_options = { clientCommands = vim.tbl_keys(M.commands) },
    }, config or {}))
    clients[root] = id
  end
  vim.lsp.buf_attach_client(bufnr, id)
end

-- setup makes Neovim use the server. The table config is one for vim.lsp.config, or vim.lsp.start_client of old versions.
function M.setup(config)
  config = config or {}
  M.cmd = config.cmd or M.cmd
  if vim.lsp.enable then
    vim.lsp.config('escape', config)
    vim.lsp.enable('escape')
    return
  end
  for name, run in pairs(M.commands) do
    vim.lsp.commands[name] = run
  end
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('escape', { clear = true }),
    pattern = M.filetypes,
    callback = function(args)
      M.attach(args.buf, config)
    end,
  })
end

return M

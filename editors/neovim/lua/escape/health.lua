-- What :checkhealth escape says.
local M = {}

function M.check()
  local health = vim.health or require('health')
  local start = health.start or health.report_start
  local ok = health.ok or health.report_ok
  local warn = health.warn or health.report_warn
  local err = health.error or health.report_error
  local escape = require('escape')

  start('Escape')
  local program = escape.cmd[1]
  if vim.fn.executable(program) == 0 then
    err(('there is no program "%s" in $PATH'):format(program), { 'install Escape, or give its path: require("escape").setup({ cmd = { "/path/to/escape", "lsp" } })' })
    return
  end
  ok(('%s is %s'):format(program, vim.trim(vim.fn.system({ program, 'version' }))))

  if vim.lsp.enable then
    local on = vim.lsp.is_enabled == nil or vim.lsp.is_enabled('escape')
    if on then
      ok('the server is enabled')
    else
      warn('the server is not enabled', { 'call require("escape").setup()' })
    end
  elseif vim.fn.exists('#escape#FileType') == 1 then
    ok('the server starts with plans')
  else
    warn('the server is not set up', { 'call require("escape").setup()' })
  end

  local running = 0
  for _, client in pairs(vim.lsp.get_clients and vim.lsp.get_clients() or vim.lsp.get_active_clients()) do
    if client.name == 'escape' then
      running = running + 1
      ok(('it runs in %s'):format(client.config.root_dir or '?'))
    end
  end
  if running == 0 then
    ok('it does not run now: no plan is open')
  end
end

return M

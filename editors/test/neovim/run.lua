-- Runs the tests of editors/neovim, with the program escape in $PATH; $ESCAPE_TEST_PENDING are tests to leave out:
--   nvim --clean -i NONE --headless --cmd 'set rtp^=editors/neovim' -c 'luafile editors/test/neovim/run.lua'
local here = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h')
local editors = vim.fn.fnamemodify(here, ':h:h')
vim.opt.swapfile = false
vim.opt.hidden = true

local work = vim.fn.tempname()
vim.fn.mkdir(work, 'p')
local tests, order = {}, {}
local function test(name, fn)
  tests[name] = fn
  table.insert(order, name)
end

local function equal(want, got, what)
  if not vim.deep_equal(want, got) then
    error(('%s: want %s, got %s'):format(what or 'value', vim.inspect(want), vim.inspect(got)), 2)
  end
end

local count = 0
-- open writes a plan into a folder of its own, with other files beside it, and opens it.
local function open(name, lines, others)
  count = count + 1
  local dir = work .. '/' .. count
  vim.fn.mkdir(dir, 'p')
  for other, text in pairs(others or {}) do
    vim.fn.writefile(text, dir .. '/' .. other)
  end
  vim.fn.writefile(lines, dir .. '/' .. name)
  vim.cmd('edit ' .. dir .. '/' .. name)
  return dir
end

local function await(what, fn)
  if not vim.wait(10000, fn, 10) then
    error('waited in vain for ' .. what, 2)
  end
end

-- clients are all servers, or those of this buffer.
local function clients(buffer)
  if vim.lsp.get_clients then
    return vim.lsp.get_clients({ bufnr = buffer and 0 or nil })
  end
  return buffer and vim.tbl_values(vim.lsp.buf_get_clients(0)) or vim.lsp.get_active_clients()
end

-- attached waits until n servers have taken the buffer.
local function attached(n)
  await('the server', function() return #clients(true) == n end)
end

local function request(method, params)
  attached(1)
  local got = vim.lsp.buf_request_sync(0, method, params, 10000)
  for _, answer in pairs(got or {}) do
    if answer.err then
      error(method .. ': ' .. vim.inspect(answer.err), 2)
    end
    return answer.result
  end
  error(method .. ': no answer', 2)
end

local function errors()
  return vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
end

local mistake = { 'name: demo/app', 'version: 1.0.0', 'description: x', 'inputs:', '- id: size', '  default: $this.verison' }

local function text()
  return vim.tbl_filter(function(l) return l ~= '' end, vim.api.nvim_buf_get_lines(0, 0, -1, false))
end

test('filetypes', function()
  for name, want in pairs({ ['escape.yml'] = 'escape-plan', ['escape.yaml'] = 'escape-plan', ['escape.hcl'] = 'escape-plan-hcl', ['other.yml'] = 'yaml' }) do
    open(name, { '' })
    equal(want, vim.bo.filetype, name)
  end
  open('escape.yml', { '' })
  equal('# %s', vim.bo.commentstring, 'commentstring')
end)

test('diagnostic', function()
  open('escape.yml', mistake)
  await('an error', function() return #errors() > 0 end)
  local e = errors()
  equal({ 1, 5, 17, 24, 'ESC3002' }, { #e, e[1].lnum, e[1].col, e[1].end_col, e[1].code }, 'the error')
  vim.api.nvim_buf_set_lines(0, 5, 6, false, { '  default: $this.version' })
  await('no error', function() return #errors() == 0 end)
end)

test('hcl', function()
  open('escape.hcl', { 'name = "demo/app"', 'version = "1.0.0"', 'output "a" { default = this.verison }' })
  await('an error', function() return #errors() > 0 end)
  equal({ 2, 28 }, { errors()[1].lnum, errors()[1].col }, 'the error')
end)

test('hover', function()
  open('escape.yml', mistake)
  vim.api.nvim_win_set_cursor(0, { 2, 2 })
  local hover = request('textDocument/hover', vim.lsp.util.make_position_params(0, 'utf-16'))
  assert(vim.inspect(hover):find('Version of the release'), vim.inspect(hover))
end)

test('completion', function()
  open('escape.yml', mistake)
  vim.api.nvim_buf_set_lines(0, 5, 6, false, { '  default: $this.' })
  vim.api.nvim_win_set_cursor(0, { 6, 16 })
  local params = vim.lsp.util.make_position_params(0, 'utf-16')
  params.position.character = 17
  local items = request('textDocument/completion', params)
  local labels = vim.tbl_map(function(i) return i.label end, items.items or items)
  assert(vim.tbl_contains(labels, 'version'), vim.inspect(labels))
end)

test('format', function()
  open('escape.yml', { 'name: demo/app', 'version: 1.0.0', 'inputs:', '   - id: a' })
  attached(1)
  local format = vim.lsp.buf.formatting_sync or function() vim.lsp.buf.format({ timeout_ms = 10000 }) end
  format(nil, 10000)
  equal({ 'name: demo/app', 'version: 1.0.0', 'inputs:', '- id: a' }, text(), 'the text')
end)

test('rename', function()
  open('escape.yml', { 'name: demo/app', 'version: 1.0.0', 'inputs:', '- id: size', 'outputs:', '- id: o', '  default: $this.inputs.size' })
  attached(1)
  vim.api.nvim_win_set_cursor(0, { 4, 7 })
  vim.lsp.buf.rename('volume')
  await('the new name', function() return text()[4] == '- id: volume' end)
  equal('  default: $this.inputs.volume', text()[7], 'the use')
end)

test('script', function()
  local dir = open('escape.yml', { 'name: demo/app', 'version: 1.0.0', 'description: x', 'deploy: deploy.sh' }, { ['deploy.sh'] = { '#!/bin/sh', 'echo "$INPUT_nope"' } })
  vim.cmd('edit ' .. dir .. '/deploy.sh')
  equal('sh', vim.bo.filetype, 'type')
  await('a finding', function() return #vim.diagnostic.get(0) > 0 end)
  assert(vim.inspect(vim.diagnostic.get(0)):find('INPUT_nope'))
end)

test('one_client_per_root', function()
  local dir = open('escape.yml', mistake, { ['deploy.sh'] = { '#!/bin/sh' } })
  attached(1)
  local before = #clients()
  vim.cmd('edit ' .. dir .. '/deploy.sh')
  equal(before, #clients(), 'clients')
  attached(1)
  vim.fn.mkdir(work .. '/none', 'p')
  vim.cmd('edit ' .. work .. '/none/deploy.sh')
  equal(0, #clients(true), 'clients of a script without a plan')
end)

test('code_lens', function()
  open('escape.yml', { 'name: demo/app', 'version: 1.0.0', 'description: x', 'deploy: deploy.sh' }, { ['deploy.sh'] = { '#!/bin/sh' } })
  local lenses = request('textDocument/codeLens', { textDocument = vim.lsp.util.make_text_document_params() })
  local found = vim.tbl_map(function(l) return l.command and l.command.command or '' end, lenses)
  assert(vim.tbl_contains(found, 'escape.run'), vim.inspect(lenses))
end)

test('command_run', function()
  local dir = open('escape.yml', mistake)
  assert(vim.lsp.enable or vim.lsp.commands['escape.run'], 'the command is not registered')
  require('escape').commands['escape.run']({ arguments = { { uri = vim.uri_from_bufnr(0), command = { 'plan', 'get', 'name' } } } })
  equal('terminal', vim.bo.buftype, 'type of the window')
  assert(vim.api.nvim_buf_get_name(0):find(vim.fn.fnamemodify(dir, ':t'), 1, true), vim.api.nvim_buf_get_name(0))
  vim.cmd('bwipeout!')
end)

test('command_references', function()
  open('escape.yml', mistake)
  local at = { uri = vim.uri_from_bufnr(0), range = { start = { line = 4, character = 6 }, ['end'] = { line = 4, character = 10 } } }
  require('escape').commands['escape.showReferences']({ title = 'References', arguments = { at.uri, at.range.start, { at } } })
  local list = vim.fn.getqflist()
  equal({ 1, 5, 7 }, { #list, list[1].lnum, list[1].col }, 'the list')
  vim.cmd('cclose')
end)

test('health', function()
  vim.cmd('checkhealth escape')
  local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  assert(report:find('escape is ', 1, true), report)
  assert((report:find('the server starts with plans', 1, true) or report:find('the server is enabled', 1, true)) and report:find('it runs in ', 1, true), report)
  assert(not report:find('ERROR'), report)
end)

-- Old versions have no vim.lsp.config and vim.lsp.enable: the test plays their part, which is to read lsp/escape.lua.
test('config_for_0.11_with_a_stub', function()
  local config = dofile(editors .. '/neovim/lsp/escape.lua')
  equal({ 'escape', 'lsp' }, config.cmd, 'cmd')
  equal('escape-plan', config.filetypes[1], 'file type')
  equal('shellscript', config.get_language_id(0, 'sh'), 'language')
  local names = config.init_options.clientCommands
  table.sort(names)
  equal({ 'escape.run', 'escape.showReferences' }, names, 'client commands')
  assert(config.commands['escape.run'])
  local dir = open('escape.yml', mistake)
  local got
  config.root_dir(0, function(root) got = root end)
  equal(dir, got, 'root')
  vim.cmd('enew')
  got = nil
  vim.api.nvim_buf_set_name(0, work .. '/none/x.sh')
  config.root_dir(0, function(root) got = root end)
  equal(nil, got, 'root without a plan')

  local calls, config_of, enable = {}, vim.lsp.config, vim.lsp.enable
  vim.lsp.config = function(name, c) table.insert(calls, { 'config', name, c }) end
  vim.lsp.enable = function(name) table.insert(calls, { 'enable', name }) end
  require('escape').setup({ cmd = { 'other', 'lsp' } })
  vim.lsp.config, vim.lsp.enable = config_of, enable
  require('escape').cmd = config.cmd
  equal({ { 'config', 'escape', { cmd = { 'other', 'lsp' } } }, { 'enable', 'escape' } }, calls, 'calls')
end)

vim.cmd('filetype plugin indent on')
vim.cmd('syntax on')
require('escape').setup()
local pending = vim.split(vim.env.ESCAPE_TEST_PENDING or '', '%s+')
local failed = false
for _, name in ipairs(order) do
  if vim.tbl_contains(pending, 'neovim:' .. name) then
    print(('\nok      neovim: %s (left out: the server cannot do it yet)\n'):format(name))
  else
    local ok, why = pcall(tests[name])
    failed = failed or not ok
    print(ok and ('\nok      neovim: %s\n'):format(name) or ('\nFAILED  neovim: %s\n    %s\n'):format(name, why))
  end
end
for _, client in pairs(clients()) do
  client.stop()
end
vim.wait(5000, function() return #clients() == 0 end, 10)
vim.fn.delete(work, 'rf')
vim.cmd(failed and 'cquit!' or 'qall!')

// Asks the language server with the client of VS Code, over real stdio: it shares no code with the server, so it sees mistakes on
// the wire that a client made from the same types would make too. $ESCAPE is the program; otherwise it is looked for on the PATH.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import protocol from 'vscode-languageserver-protocol/node'

const { createProtocolConnection, StreamMessageReader, StreamMessageWriter, CancellationTokenSource, LSPErrorCodes } = protocol
const { CodeAction, Diagnostic, DocumentSymbol, FoldingRange, Location, Range, TextEdit, WorkspaceEdit } = protocol

const web = `name: web
version: 0.0.@
description: é😀
depends:
- db-v0.0.@ as db
inputs:
- id: url
  description: b
  default: $db.outputs.adress
  eval_before_dependencies: false
`
const db = `name: db
version: 0.0.@
description: a
outputs:
- id: address
  description: b
  default: here
`

const children = []
after(() => { for (const c of children) c.kill() })
const dir = realpathSync(mkdtempSync(join(tmpdir(), 'escape-foreign-')))
after(() => rmSync(dir, { recursive: true, force: true }))
function write(name, text) {
  const path = join(dir, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return pathToFileURL(path).href
}
const webURI = write('web/escape.yml', web)
const dbURI = write('db/escape.yml', db)
write('.git/HEAD', '')

const capabilities = {
  general: { positionEncodings: ['utf-16'] },
  window: { workDoneProgress: true },
  workspace: { configuration: true, workspaceFolders: true, didChangeWatchedFiles: { dynamicRegistration: true } },
  textDocument: {
    publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [1, 2] }, versionSupport: true, codeDescriptionSupport: true, dataSupport: true },
    completion: { completionItem: { snippetSupport: true, resolveSupport: { properties: ['documentation'] } } },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } },
    hover: { contentFormat: ['markdown'] },
  },
}

// start starts a server and returns a connection to it and what it tells.
async function start(more = {}) {
  const child = spawn(process.env.ESCAPE ?? 'escape', ['lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] })
  children.push(child)
  const it = { child, told: new Map(), waiting: [], asked: [], log: '' }
  child.stderr.on('data', (d) => { it.log += d })
  it.ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
  it.connection = connection
  it.errors = []
  connection.onError((e) => it.errors.push(e))
  connection.onNotification('textDocument/publishDiagnostics', (p) => {
    it.told.set(p.uri, p)
    for (const w of it.waiting.splice(0)) w()
  })
  connection.onRequest('workspace/configuration', (p) => p.items.map(() => null))
  connection.onRequest('client/registerCapability', (p) => { it.asked.push(...p.registrations.map((r) => r.method)) })
  connection.onRequest('window/workDoneProgress/create', () => null)
  connection.listen()
  it.init = await connection.sendRequest('initialize', {
    processId: process.pid, rootUri: pathToFileURL(dir).href, capabilities,
    workspaceFolders: [{ uri: pathToFileURL(dir).href, name: 'x' }], clientInfo: { name: 'foreign' }, ...more,
  })
  await connection.sendNotification('initialized', {})
  it.open = (uri, text) => connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'escape-plan', version: 1, text } })
  it.until = async (uri, ok) => {
    for (;;) {
      const p = it.told.get(uri)
      if (p && ok(p)) return p
      await new Promise((resolve) => it.waiting.push(resolve))
    }
  }
  it.end = async () => {
    assert.equal(await connection.sendRequest('shutdown'), null)
    await connection.sendNotification('exit')
    assert.equal(await it.ended, 0)
    assert.deepEqual(it.errors, [])
    assert.equal(it.log, '')
  }
  return it
}

test('findings, requests and edits', { timeout: 60_000 }, async () => {
  const s = await start()
  assert.equal(s.init.capabilities.positionEncoding, 'utf-16')
  assert.equal(s.init.serverInfo.name, 'escape')
  await s.open(webURI, web)
  const p = await s.until(webURI, (p) => p.diagnostics.some((d) => d.code === 'ESC3002'))
  assert.equal(p.version, 1)
  for (const d of p.diagnostics) assert.ok(Diagnostic.is(d), JSON.stringify(d))

  const textDocument = { uri: webURI }
  const position = { line: 8, character: 25 }
  const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } }
  const offered = s.init.capabilities
  const ask = async (capability, method, params, check) => {
    if (!offered[capability]) return
    const result = await s.connection.sendRequest(method, { textDocument, ...params })
    if (result !== null) check(result)
  }
  const all = (is) => (list) => { for (const x of list) assert.ok(is(x), JSON.stringify(x)) }
  await ask('hoverProvider', 'textDocument/hover', { position }, (h) => assert.ok(h.contents !== undefined && (!h.range || Range.is(h.range))))
  await ask('completionProvider', 'textDocument/completion', { position }, (c) => all((i) => typeof i.label === 'string')(Array.isArray(c) ? c : c.items))
  await ask('definitionProvider', 'textDocument/definition', { position: { line: 8, character: 14 } }, (l) => all(Location.is)([l].flat()))
  await ask('referencesProvider', 'textDocument/references', { position: { line: 6, character: 7 }, context: { includeDeclaration: true } }, all(Location.is))
  await ask('documentSymbolProvider', 'textDocument/documentSymbol', {}, all((x) => DocumentSymbol.is(x)))
  await ask('foldingRangeProvider', 'textDocument/foldingRange', {}, all((x) => FoldingRange.is(x)))
  await ask('codeActionProvider', 'textDocument/codeAction', { range, context: { diagnostics: p.diagnostics } }, all((a) => CodeAction.is(a)))
  await ask('documentFormattingProvider', 'textDocument/formatting', { options: { tabSize: 2, insertSpaces: true } }, all(TextEdit.is))
  await ask('renameProvider', 'textDocument/rename', { position: { line: 6, character: 7 }, newName: 'place' }, (e) => assert.ok(WorkspaceEdit.is(e)))
  await ask('semanticTokensProvider', 'textDocument/semanticTokens/full', {}, (t) => assert.equal(t.data.length % 5, 0))
  await ask('inlayHintProvider', 'textDocument/inlayHint', { range }, (l) => assert.ok(Array.isArray(l)))

  // Another plan gives what is missing, in an edit after a character of two units.
  await s.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: webURI, version: 2 },
    contentChanges: [
      { range: { start: { line: 2, character: 16 }, end: { line: 2, character: 16 } }, text: '!' },
      { range: { start: { line: 8, character: 22 }, end: { line: 8, character: 28 } }, text: 'address' },
    ],
  })
  await s.until(webURI, (p) => p.version === 2 && !p.diagnostics.some((d) => d.code === 'ESC3002'))
  await s.open(dbURI, db.replace('address', 'place'))
  await s.until(webURI, (p) => p.diagnostics.some((d) => d.code === 'ESC3002'))
  assert.ok(s.asked.includes('workspace/didChangeWatchedFiles'))
  await s.end()
})

test('a cancelled request is answered', { timeout: 60_000 }, async () => {
  const s = await start()
  await s.open(webURI, web)
  const source = new CancellationTokenSource()
  const answer = s.connection.sendRequest('textDocument/completion', { textDocument: { uri: webURI }, position: { line: 8, character: 25 } }, source.token)
  source.cancel()
  try {
    await answer // it may have been faster
  } catch (e) {
    assert.equal(e.code, LSPErrorCodes.RequestCancelled)
  }
  await assert.rejects(s.connection.sendRequest('custom/x', { a: 1 }), (e) => e.code === -32601)
  await s.connection.sendNotification('custom/y', { a: 1 })
  await s.end()
})

test('findings are asked for by a client that can', { timeout: 60_000 }, async () => {
  const s = await start({ capabilities: { textDocument: { diagnostic: { relatedDocumentSupport: true } }, workspace: { diagnostics: { refreshSupport: true } } } })
  assert.ok(s.init.capabilities.diagnosticProvider.interFileDependencies)
  await s.open(webURI, web)
  const first = await s.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri: webURI } })
  assert.equal(first.kind, 'full')
  for (const d of first.items) assert.ok(Diagnostic.is(d), JSON.stringify(d))
  const again = await s.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri: webURI }, previousResultId: first.resultId })
  assert.deepEqual(again, { kind: 'unchanged', resultId: first.resultId })
  assert.equal(s.told.size, 0)
  await s.end()
})

test('a client that leaves without a word gets status 1', { timeout: 60_000 }, async () => {
  const s = await start()
  s.child.stdin.end()
  assert.equal(await s.ended, 1)
})

// Configurations of editors that are not run here: they parse, hold nothing but fields that their editor knows, and agree with the
// tables of the language in names of files and languages.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as yaml from 'js-yaml';
import { parse as toml } from 'smol-toml';
import { languages, onig, read, root } from './lib/textmate.mjs';

const plans = languages.languages;
const known = (object, ...names) => assert.deepEqual(Object.keys(object).filter((k) => !names.includes(k)), [], 'unknown fields');
const exists = (file) => assert.ok(fs.existsSync(path.join(root, file)), `no ${file}`);

test('helix', () => {
  const config = toml(read('editors/helix/languages.toml'));
  known(config, 'language-server', 'language');
  known(config['language-server'].escape, 'command', 'args', 'config', 'environment');
  assert.deepEqual(config['language-server'].escape.args, ['lsp']);
  assert.equal(config.language.length, plans.length);
  for (const [i, l] of config.language.entries()) {
    known(l, 'name', 'scope', 'language-id', 'grammar', 'file-types', 'roots', 'comment-token', 'comment-tokens', 'block-comment-tokens', 'indent', 'language-servers');
    known(l.indent, 'tab-width', 'unit');
    assert.equal(l['language-id'], plans[i].id);
    assert.equal(l.scope, plans[i].scope);
    assert.deepEqual(l['file-types'].map((t) => t.glob), plans[i].fileNames);
    assert.deepEqual(l['language-servers'], ['escape']);
    exists(`editors/helix/runtime/queries/${l.name}/highlights.scm`);
  }
});

test('zed', () => {
  const extension = toml(read('editors/zed/extension.toml'));
  known(extension, 'id', 'name', 'description', 'version', 'schema_version', 'authors', 'repository', 'language_servers', 'grammars');
  known(extension.language_servers.escape, 'name', 'languages', 'language_ids');
  for (const grammar of Object.values(extension.grammars)) known(grammar, 'repository', 'rev', 'path');
  const cargo = toml(read('editors/zed/Cargo.toml'));
  assert.equal(cargo.package.version, extension.version);
  assert.deepEqual(cargo.lib['crate-type'], ['cdylib']);
  assert.match(read('editors/zed/src/lib.rs'), /register_extension!\(Escape\)/);
  const native = ['yaml'];
  assert.equal(fs.readdirSync(path.join(root, 'editors/zed/languages')).length, plans.length);
  for (const plan of plans) {
    const config = toml(read(`editors/zed/languages/${plan.id}/config.toml`));
    known(config, 'name', 'grammar', 'path_suffixes', 'line_comments', 'autoclose_before', 'brackets', 'increase_indent_pattern', 'word_characters', 'tab_size');
    for (const b of config.brackets) known(b, 'start', 'end', 'close', 'newline', 'not_in');
    assert.equal(config.name, plan.name);
    assert.deepEqual(config.path_suffixes, plan.fileNames);
    assert.ok(native.includes(config.grammar) || extension.grammars[config.grammar], config.grammar);
    assert.equal(extension.language_servers.escape.language_ids[config.name], plan.id);
    assert.ok(extension.language_servers.escape.languages.includes(config.name));
  }
});

test('sublime: settings', () => {
  const settings = JSON.parse(read('editors/sublime/LSP-escape.sublime-settings').replace(/^\s*\/\/.*$/gm, ''));
  known(settings, 'clients');
  known(settings.clients.escape, 'enabled', 'command', 'selector', 'initializationOptions', 'settings');
  assert.equal(settings.clients.escape.selector, plans.map((p) => p.scope).join(' | '));
  // The package names a language by its scope without "source.".
  for (const p of plans) assert.equal(p.scope, `source.${p.id}`);
  assert.equal(XMLValidator.validate(read('editors/sublime/Comments.tmPreferences')), true);
});

for (const [file, plan] of [['EscapePlan', plans[0]], ['EscapePlanHCL', plans[1]]]) {
  test(`sublime: ${file}.sublime-syntax`, async () => {
    const lib = await onig;
    const syntax = yaml.load(read(`editors/sublime/${file}.sublime-syntax`).replace(/^%YAML 1.2\n/, ''));
    known(syntax, 'name', 'scope', 'version', 'file_extensions', 'contexts');
    assert.deepEqual([syntax.name, syntax.scope, syntax.file_extensions], [plan.name, plan.scope, plan.fileNames]);
    const used = new Set(['main']);
    const reach = (name) => {
      if (name.startsWith('scope:')) return;
      assert.ok(syntax.contexts[name], `no context ${name}`);
      used.add(name);
    };
    const walk = (context) => {
      for (const rule of context) {
        known(rule, 'match', 'scope', 'captures', 'push', 'set', 'pop', 'include', 'meta_scope', 'embed', 'embed_scope', 'escape', 'escape_captures');
        if (rule.include) reach(rule.include);
        assert.equal(Boolean(rule.embed), Boolean(rule.escape), 'embed and escape go together');
        if (rule.embed) reach(rule.embed);
        if (typeof rule.set === 'string') reach(rule.set);
        if (Array.isArray(rule.push)) walk(rule.push);
        if (!rule.match) continue;
        const groups = rule.match.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '').split(/\((?!\?)/).length - 1;
        for (const n of Object.keys(rule.captures ?? {})) assert.ok(Number(n) <= groups, `${rule.match} has no group ${n}`);
        lib.createOnigScanner([rule.match, (rule.escape ?? '').replace(/\\(\d)/g, 'x')]).dispose();
      }
    };
    Object.values(syntax.contexts).forEach(walk);
    assert.deepEqual(Object.keys(syntax.contexts).filter((c) => !used.has(c)), [], 'contexts that nothing reaches');
  });
}

test('jetbrains', () => {
  const template = JSON.parse(read('editors/jetbrains/escape/template.json'));
  known(template, 'id', 'name', 'description', 'programArgs', 'fileTypeMappings');
  known(template.programArgs, 'default', 'windows');
  assert.equal(template.programArgs.default, 'escape lsp');
  assert.deepEqual(template.fileTypeMappings.map((m) => [m.languageId, m.fileType.patterns]), plans.map((p) => [p.id, p.fileNames]));
  for (const file of ['settings', 'initializationOptions', 'clientSettings']) JSON.parse(read(`editors/jetbrains/escape/${file}.json`));
});

test('kate', () => {
  const { servers, ...rest } = JSON.parse(read('editors/kate/lspclient.json'));
  known(rest);
  assert.deepEqual(Object.keys(servers), plans.map((p) => p.id));
  for (const plan of plans) {
    known(servers[plan.id], 'command', 'rootIndicationFileNames', 'highlightingModeRegex', 'initializationOptions', 'settings', 'url');
    assert.match(plan.name, new RegExp(servers[plan.id].highlightingModeRegex));
    const file = `editors/kate/${plan.id}.xml`;
    assert.equal(XMLValidator.validate(read(file)), true, file);
    const { language } = new XMLParser({ ignoreAttributes: false, isArray: (name) => ['context', 'itemData'].includes(name) }).parse(read(file));
    assert.equal(language['@_name'], plan.name);
    assert.equal(language['@_extensions'], plan.fileNames.join(';'));
    const contexts = language.highlighting.contexts.context;
    const items = language.highlighting.itemDatas.itemData.map((i) => i['@_name']);
    const names = ['#stay', '#pop', ...contexts.map((c) => c['@_name'])];
    for (const context of contexts) {
      for (const rules of Object.values(context).filter((v) => typeof v === 'object')) {
        for (const rule of [].concat(rules)) {
          assert.ok(names.includes(rule['@_context'] ?? '#stay'), `${file}: no context ${rule['@_context']}`);
          if (rule['@_attribute']) assert.ok(items.includes(rule['@_attribute']), `${file}: no attribute ${rule['@_attribute']}`);
          if (rule['@_String']) new RegExp(rule['@_String'].replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>'));
        }
      }
    }
  }
});

test('the bundle of grammars', () => {
  const { contributes } = JSON.parse(read('editors/grammars/package.json'));
  for (const g of [...contributes.grammars, ...contributes.snippets]) exists(path.join('editors/grammars', g.path));
  for (const g of contributes.grammars) assert.equal(JSON.parse(read(path.join('editors/grammars', g.path))).scopeName, g.scopeName);
  for (const [i, plan] of plans.entries()) assert.deepEqual([contributes.languages[i].id, contributes.languages[i].filenames], [plan.id, plan.fileNames]);
  for (const l of contributes.languages) if (l.configuration) JSON.parse(read(path.join('editors/grammars', l.configuration)));
});

test('vim and neovim name the same files and languages', () => {
  for (const [file, quote] of [['editors/vim/ftdetect/escape.vim', ''], ['editors/neovim/ftdetect/escape.lua', "'"]]) {
    const text = read(file);
    for (const plan of plans) for (const name of plan.fileNames) assert.ok(text.includes(quote + name + quote), `${file} lacks ${name}`);
  }
  for (const plan of plans) {
    for (const file of [`vim/syntax/${plan.id}.vim`, `vim/ftplugin/${plan.id}.vim`, `vim/ale_linters/${plan.id}/escape.vim`, `neovim/ftplugin/${plan.id}.lua`]) exists(`editors/${file}`);
    assert.ok(read('editors/emacs/escape.el').includes(`:language-id "${plan.id}"`));
  }
});

test('lock files name no addresses', () => {
  for (const entry of fs.readdirSync(path.join(root, 'editors')).map((f) => `editors/${f}/package-lock.json`).filter((f) => fs.existsSync(path.join(root, f)))) assert.ok(!read(entry).includes('"resolved"'), entry);
});

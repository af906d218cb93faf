/** How an origin names the worker of a service: `services.json`, and the headers of an answer. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {namedByHeaders, namedByServices} from '../../js/named-service.js';

const base = 'https://example.com/.well-known/navigator-connect/services.json';
const named = (services, url) => {
  const found = namedByServices({services}, base, new URL(url, base));
  return found && {script: found.script.pathname, scope: found.scope.pathname, type: found.type};
};

test('the longest scope that covers the URL counts', () => {
  const services = [
    {scope: '/', script: '/root.js'},
    {scope: '/a/b/', script: '/a/b/sw.js', type: 'module'},
    {scope: '/a/', script: '/a/sw.js'},
  ];
  assert.deepEqual(named(services, '/a/b/c'), {script: '/a/b/sw.js', scope: '/a/b/', type: 'module'});
  assert.deepEqual(named(services, '/a/x'), {script: '/a/sw.js', scope: '/a/', type: 'classic'});
  assert.deepEqual(named(services, '/ab'), {script: '/root.js', scope: '/', type: 'classic'});
});

test('a scope is the directory of the script unless it is named, and has no fragment', () => {
  assert.equal(named([{script: '/x/y/sw.js'}], '/x/y/z').scope, '/x/y/');
  assert.equal(named([{script: 'sw.js'}], '/.well-known/navigator-connect/z').scope, '/.well-known/navigator-connect/');
  const found = namedByServices({services: [{script: '/s.js', scope: '/#part'}]}, base, new URL('/', base));
  assert.equal(found.scope.href, 'https://example.com/');
});

test('nothing covers the URL: nothing is named', () => {
  assert.equal(named([{scope: '/a/', script: '/a.js'}], '/b/'), undefined);
  assert.equal(named([], '/'), undefined);
});

test('another origin is another scope, and an unknown type is classic', () => {
  assert.equal(named([{scope: 'https://other.example/', script: '/a.js'}], '/'), undefined);
  assert.equal(named([{scope: '/', script: '/a.js', type: 'wasm'}], '/').type, 'classic');
});

for (const [what, file] of Object.entries({
  'no object': null,
  'no list': {services: {}},
  'no script': {services: [{scope: '/'}]},
  'a URL that does not parse': {services: [{script: 'http://['}]},
})) {
  test(`a file with ${what} throws`, () => {
    assert.throws(() => namedByServices(file, base, new URL('/undefined/', base)) ?? assert.fail('it named nothing'));
  });
}

const byHeaders = (headers) => {
  const found = namedByHeaders(new Headers(headers), 'https://example.com/services/echo/');
  return found && [found.script.pathname, found.scope.pathname, found.type];
};

test('headers name a script, and perhaps a scope', () => {
  assert.deepEqual(byHeaders({'Service-Worker-Script': 'sw.js'}), [
    '/services/echo/sw.js',
    '/services/echo/',
    'classic',
  ]);
  assert.deepEqual(byHeaders({'Service-Worker-Script': '/sw.js', 'Service-Worker-Scope': '/services/'}), [
    '/sw.js',
    '/services/',
    'classic',
  ]);
  assert.equal(byHeaders({}), undefined);
});

test('a Link header is read as RFC 8288 has it', () => {
  assert.deepEqual(
    byHeaders({Link: '</a.css>; rel=stylesheet, </sw.js>; rel="x serviceworker"; scope="/s\\e/"; workertype=module'}),
    ['/sw.js', '/se/', 'module'],
  );
  assert.equal(byHeaders({Link: '</sw.js>; rel="notserviceworker"'}), undefined);
  assert.deepEqual(byHeaders({Link: '</sw.js>;rel=serviceworker;scope="/a;b,c/";scope=/d/'}), [
    '/sw.js',
    '/a;b,c/',
    'classic',
  ]);
});

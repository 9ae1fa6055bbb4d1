/** HTML as values, and what a browser gets when a page changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { difference, type Drawn, html, Parts, whole } from './markup.ts'

function drawn(title: string, entries: Readonly<Record<string, string>>): Drawn {
  const parts = new Parts()
  const list = Object.entries(entries).map(([id, text]) => parts.add(id, html`<p id="${id}">${text}</p>`))
  return parts.draw(
    title,
    html`<h1>${title}</h1>
      ${list}`,
  )
}

test('what is put in is escaped, in texts and in attributes', () => {
  const evil = `<script>alert("1")</script>' onload='x`
  const made = html`<p title="${evil}">${evil}</p>`.toString()
  assert.ok(!/<script|' onload|"1"/.test(made), made)
})

test('lists are joined, markup stays markup, undefined and false are left out', () => {
  const items = [1, 2].map(item => html`<li>${item}</li>`)
  assert.equal(
    html`<ul>
      ${items}${undefined}${false}
    </ul>`.toString(),
    '<ul> <li>1</li><li>2</li> </ul>',
  )
})

test('a page is whole with its parts in their places', () => {
  assert.equal(whole(drawn('T', { a: 'one', b: 'two' })), '<h1>T</h1> <p id="a">one</p><p id="b">two</p>')
})

test('a text with the mark of a part is text', () => {
  assert.equal(whole(drawn('T', { a: '<!--b-->', b: 'x' })), '<h1>T</h1> <p id="a">&lt;!--b--&gt;</p><p id="b">x</p>')
})

test('only parts that differ are sent', () => {
  const before = drawn('T', { a: 'one', b: 'two' })
  assert.equal(difference(before, drawn('T', { a: 'one', b: 'two' })), undefined)
  assert.equal(
    difference(before, drawn('T', { a: 'one', b: 'three' })),
    '<hx-partial id="b" hx-swap="outerMorph"><p id="b">three</p></hx-partial>',
  )
})

test('the whole page is sent when its parts are others', () => {
  const after = drawn('T', { a: 'one', c: 'two' })
  assert.equal(difference(drawn('T', { a: 'one', b: 'two' }), after), whole(after))
})

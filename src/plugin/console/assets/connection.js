// Says at the top of the page whether what it shows is live.
const connection = document.getElementById('connection')

function say(state, text) {
  if (connection.dataset.state === state) return
  connection.dataset.state = state
  connection.textContent = text
}

document.addEventListener('htmx:sse:after:connection', () => say('live', 'Live'))
for (const event of ['htmx:sse:error', 'htmx:sse:close', 'htmx:error', 'htmx:response:error']) {
  document.addEventListener(event, () =>
    say('lost', 'Not connected: what is shown is old. Does kubectl sei console still run?'),
  )
}

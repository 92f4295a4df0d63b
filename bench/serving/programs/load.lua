-- Sends the requests of a file in turn, and writes what came of them as one line of JSON.
-- The file: a line a header, an empty line, a line a body.

local requests, turn = {}, 0

function init(arguments)
  local headers, in_head = {}, true
  for line in io.lines(arguments[1]) do
    if line == "" then
      in_head = false
    elseif in_head then
      local name, value = line:match("^(.-): (.*)$")
      headers[name] = value
    else
      requests[#requests + 1] = wrk.format("POST", nil, headers, line)
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, _)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.stderr:write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failures": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failures
  ))
end

// Every media path of a person leads where the test wants it: the candidates in the server's answers are changed on the way.
import { candidatePort, leadTo } from '../harness/relay.mjs';

// `start(port)`: something that passes on to the server's `port`, as {port, stop}. Made once, with the first call, and
// then `way.made`.
export async function leadMedia(person, start) {
  const way = { stop: () => way.made?.stop() };
  await person.page.route(/\/calls(\/[^/]+\/update)?$/, async (route) => {
    const response = await route.fetch().catch(() => null);
    if (!response) return route.abort();
    const answer = await response.json();
    const sdp = typeof answer.result === 'string' ? answer.result : answer.result?.sdp;
    if (!sdp?.includes('a=candidate')) return route.fulfill({ response });
    way.made ??= await start(candidatePort(sdp));
    const led = leadTo(sdp, way.made.port);
    if (typeof answer.result === 'string') answer.result = led;
    else answer.result.sdp = led;
    return route.fulfill({ response, json: answer });
  });
  return way;
}

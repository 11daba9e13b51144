"""HTTP `/v1`, the pages and the probes, on the same port as the sockets.

app            the FastAPI application, put together from the routers below
services       what every route needs, handed in
shell          around everything: security headers, the body's limit, the last resort
errors         refusals as answers: {"code","msg","retry"?,"last"?} and a fitting status
limiter        token buckets for what strangers may try
caller         who asks: the bearer token, and how often
models         what goes in and comes out, as the OpenAPI page shows it

accounts       register, login, refresh, recover, logout
signup         the rules for names and passwords, and new accounts
passwords      argon2id in its own few threads
recovery       recovery codes
proof          the password asked again
cookies        the web page's refresh token
me, users, devices                      the caller, others, and where one is signed in
contacts                                the caller's contacts, and whom the caller blocks
colours        what is behind somebody's initials
deletion                                the end of an account
export, archive, archive_json, archive_html   everything of one's own, to take away
conversations, members, messages        the same actors and answers as by WebSocket
invites                                 links to groups
nodes                                   where to connect
operator, operator_door                 what an operator's token opens
asking         questions to the actors, and once more when one is silent
views          answers of the actors and the store as the wire's structs
probes         healthz, readyz, metrics
openapi, docs  the schema, and a page of it without foreign scripts
pages          the web page's static files

request -> shell -> route -> caller -> actor or store -> answer -> shell
                      `-> Refusal -> errors ------------------^
"""

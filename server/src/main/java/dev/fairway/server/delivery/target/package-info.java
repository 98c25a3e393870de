/// The built-in target: releases on this machine, as processes behind the proxy.
///
/// It knows nothing of the database. What it needs to go on after a crash is in its folder, and
/// every operation may be repeated:
///
/// ```
/// DIR/releases/DIGEST/          a release's files, unpacked once, never changed
/// DIR/instances/ID.json         an instance: what was ordered, its port, its process
/// DIR/work/ID/                  the instance's own folder (HOME, TMPDIR)
/// DIR/logs/ID.log               what it printed (and ID.log.1, the part before)
/// DIR/history/SERVICE.ENVIRONMENT.json   which releases got the traffic, newest first
/// ```
@NullMarked
package dev.fairway.server.delivery.target;

import org.jspecify.annotations.NullMarked;

/// The traffic switch of the built-in target: a process of its own, so that deployments and
/// upgrades of the server drop no request.
///
/// ```
///  clients ──► traffic listener ──► TrafficHandler ──► Routes.enter(host) ──► Upstream ──► service
///                                        ▲ counts                 ▲ one atomic switch
///  server  ──► admin listener  ──► AdminHandler ──────────────────┘ after routes.json is on disk
/// ```
@NullMarked
package dev.fairway.proxy;

import org.jspecify.annotations.NullMarked;

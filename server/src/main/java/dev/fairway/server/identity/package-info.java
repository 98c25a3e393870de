/// People and agents: who they are, how they prove it, and what they are trusted with.
///
/// [Identity] is what others call; [IdentityModule] puts the parts together. A caller comes in with
/// a browser's session, an API token (`fwt_…`, as a bearer or, for git, as the password of HTTP
/// Basic), an agent's token (`fwa_…`), or a running job's token ([JobTokens]).
///
/// Everything that changes who may do what is recorded as evidence in the same transaction, and no
/// secret ever is.
@NullMarked
package dev.fairway.server.identity;

import org.jspecify.annotations.NullMarked;

/// Projects, their repositories, and every push to them.
///
/// Git itself keeps the objects and speaks its protocols; what we add is who may, who did, and that
/// the history of the default branch is never rewritten.
@NullMarked
package dev.fairway.server.source;

import org.jspecify.annotations.NullMarked;

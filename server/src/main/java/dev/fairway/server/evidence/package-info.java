@NullMarked
package dev.fairway.server.evidence;

import org.jspecify.annotations.NullMarked;

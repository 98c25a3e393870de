@NullMarked
package dev.fairway.server.http;

import org.jspecify.annotations.NullMarked;

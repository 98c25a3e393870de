@NullMarked
package dev.fairway.server.db;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.fairway.ledger;

import org.jspecify.annotations.NullMarked;

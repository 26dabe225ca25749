/** What becomes of a log's old segments. */
@NullMarked
package io.sampo.storage.upkeep;

import org.jspecify.annotations.NullMarked;

/** Finding messages by their keys: derived from the segments, and never needed to write them. */
@NullMarked
package io.sampo.storage.keys;

import org.jspecify.annotations.NullMarked;

/**
 * Connections between nodes that carry frames: one thread that reads from all of them, and writes
 * by whoever has something to send. Knows nothing of what the frames say.
 */
@NullMarked
package io.sampo.cluster.net;

import org.jspecify.annotations.NullMarked;

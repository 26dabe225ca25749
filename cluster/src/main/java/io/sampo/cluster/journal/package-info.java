/** Pekko Persistence on the commit log: a persistence id is a queue. */
@NullMarked
package io.sampo.cluster.journal;

import org.jspecify.annotations.NullMarked;

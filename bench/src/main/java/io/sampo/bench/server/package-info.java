/** The servers that are compared, each in processes of its own. */
@NullMarked
package io.sampo.bench.server;

import org.jspecify.annotations.NullMarked;

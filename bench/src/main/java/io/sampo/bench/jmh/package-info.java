/** JMH benchmarks of single stages of a message's way. */
@NullMarked
package io.sampo.bench.jmh;

import org.jspecify.annotations.NullMarked;

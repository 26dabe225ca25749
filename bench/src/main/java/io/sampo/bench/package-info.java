/** Benchmarks: what is measured against what, and what comes of it. */
@NullMarked
package io.sampo.bench;

import org.jspecify.annotations.NullMarked;

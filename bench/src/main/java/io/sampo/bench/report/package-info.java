/** Figures of many runs, and the page that shows them. */
@NullMarked
package io.sampo.bench.report;

import org.jspecify.annotations.NullMarked;

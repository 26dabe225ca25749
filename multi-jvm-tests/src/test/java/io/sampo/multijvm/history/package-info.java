/** What was sent and what was received, and whether the two fit. */
@NullMarked
package io.sampo.multijvm.history;

import org.jspecify.annotations.NullMarked;

/** What official clients, bad clients and crashes may do to a node, against real processes. */
@NullMarked
package io.sampo.multijvm;

import org.jspecify.annotations.NullMarked;

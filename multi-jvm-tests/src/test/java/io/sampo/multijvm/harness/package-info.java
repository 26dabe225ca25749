/** Node processes, their ports, and waiting for what they do. */
@NullMarked
package io.sampo.multijvm.harness;

import org.jspecify.annotations.NullMarked;

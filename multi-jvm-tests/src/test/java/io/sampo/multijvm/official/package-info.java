/** Official clients, each version in a class loader of its own. */
@NullMarked
package io.sampo.multijvm.official;

import org.jspecify.annotations.NullMarked;

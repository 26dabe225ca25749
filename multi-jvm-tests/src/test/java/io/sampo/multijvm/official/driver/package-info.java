/** Code that the official client's class loaders load: the only code that sees its classes. */
@NullMarked
package io.sampo.multijvm.official.driver;

import org.jspecify.annotations.NullMarked;

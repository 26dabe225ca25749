@NullMarked
package io.sampo.storage.upkeep;

import org.jspecify.annotations.NullMarked;

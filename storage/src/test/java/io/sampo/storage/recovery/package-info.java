@NullMarked
package io.sampo.storage.recovery;

import org.jspecify.annotations.NullMarked;

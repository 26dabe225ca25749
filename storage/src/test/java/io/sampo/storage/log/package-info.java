@NullMarked
package io.sampo.storage.log;

import org.jspecify.annotations.NullMarked;

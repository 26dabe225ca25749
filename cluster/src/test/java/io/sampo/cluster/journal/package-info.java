@NullMarked
package io.sampo.cluster.journal;

import org.jspecify.annotations.NullMarked;

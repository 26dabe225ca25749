@NullMarked
package io.sampo.routing.net;

import org.jspecify.annotations.NullMarked;

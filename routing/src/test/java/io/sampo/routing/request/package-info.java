@NullMarked
package io.sampo.routing.request;

import org.jspecify.annotations.NullMarked;

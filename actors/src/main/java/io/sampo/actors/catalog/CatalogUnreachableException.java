package io.sampo.actors.catalog;

import org.jspecify.annotations.Nullable;

/** The catalog didn't answer in time; what it was asked for may have been done. Try again. */
public final class CatalogUnreachableException extends RuntimeException {
  public CatalogUnreachableException(String message) {
    super(message);
  }

  public CatalogUnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.sampo.cluster.journal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs what concerns the same key one after the other, in the order asked for, and different keys
 * side by side. An actor that is started again therefore never reads while a write of its previous
 * life is still under way. Safe from any thread; remembers a key only while something runs for it.
 */
final class InOrder {
  private final ConcurrentHashMap<String, CompletableFuture<?>> lastByKey =
      new ConcurrentHashMap<>();
  private final Executor executor;

  /**
   * @param executor what starts the operations; they may block it
   */
  InOrder(Executor executor) {
    this.executor = executor;
  }

  /** Runs the operation once all earlier ones of the key are over, however they ended. */
  <T extends @Nullable Object> CompletionStage<T> run(
      String key, Supplier<? extends CompletionStage<T>> operation) {
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture<?> previous = lastByKey.put(key, result);
    CompletionStage<?> turn = previous == null ? CompletableFuture.completedStage(null) : previous;
    turn.handleAsync((ignored, failure) -> null, executor)
        .thenCompose(ignored -> operation.get())
        .whenComplete(
            (value, failure) -> {
              lastByKey.remove(key, result);
              if (failure == null) {
                result.complete(value);
              } else {
                result.completeExceptionally(causeOf(failure));
              }
            });
    return result;
  }

  private static Throwable causeOf(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}

package io.sampo.bench;

import io.sampo.bench.load.LoadAmount;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long and how much, as options: a short mode, a full mode, and single changes to either. */
final class AmountOptions {
  @Option(
      names = "--short",
      description = "Seconds instead of minutes: for development, not for figures to keep.")
  boolean brief;

  @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Unmeasured at first.")
  @Nullable Integer warmUpSeconds;

  @Option(names = "--measure", paramLabel = "SECONDS", description = "Measured after that.")
  @Nullable Integer measuredSeconds;

  @Option(names = "--backlog", paramLabel = "MESSAGES", description = "What a drain finds.")
  @Nullable Integer backlog;

  @Option(
      names = "--fill",
      paramLabel = "MESSAGES",
      description = "What the workload memory sends.")
  @Nullable Integer fill;

  @Option(
      names = "--paced-rate",
      paramLabel = "PER_SECOND",
      defaultValue = "10000",
      description = "Rate of the workload paced (default: ${DEFAULT-VALUE}).")
  int pacedRate;

  LoadAmount amount() {
    return new LoadAmount(
        Duration.ofSeconds(chosen(warmUpSeconds, 3, 15)),
        Duration.ofSeconds(chosen(measuredSeconds, 5, 20)),
        chosen(backlog, 200_000, 1_000_000),
        chosen(fill, 300_000, 10_000_000),
        pacedRate);
  }

  private int chosen(@Nullable Integer asked, int briefly, int fully) {
    if (asked != null) {
      return asked;
    }
    return brief ? briefly : fully;
  }
}

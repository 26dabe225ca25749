package io.sampo.bench.load;

import java.util.Map;

/**
 * What had been spent at one instant; differences of two are what is reported.
 *
 * @param atNanos when, as of {@link System#nanoTime}
 * @param serverCpuTicks user and system time of the server's processes, in hundredths of a second
 * @param machineCpuTicks what all processes of the machine used, in hundredths of a second
 * @param clientCpuNanos this process's
 * @param allocatedBytes by each of the server's living threads; empty when not asked for
 */
record ServerCost(
    long atNanos,
    long serverCpuTicks,
    long machineCpuTicks,
    long clientCpuNanos,
    Map<String, Long> allocatedBytes) {

  /** Bytes allocated since an earlier reading, by the threads that still live. */
  long allocatedSince(ServerCost earlier) {
    long sum = 0;
    for (Map.Entry<String, Long> thread : allocatedBytes.entrySet()) {
      sum += thread.getValue() - earlier.allocatedBytes.getOrDefault(thread.getKey(), 0L);
    }
    return sum;
  }
}

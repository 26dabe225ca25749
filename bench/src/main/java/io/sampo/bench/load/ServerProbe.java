package io.sampo.bench.load;

import com.sun.management.OperatingSystemMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Reads from outside what a server costs: CPU time and memory from /proc (Linux only), bytes
 * allocated from the JVM's own count per thread, through a management agent that it attaches. The
 * agent lives in the server, so attaching is left out where memory is the result.
 *
 * <p>Bytes of threads that ended between two readings are missed; servers' threads rarely do.
 */
final class ServerProbe implements AutoCloseable {
  /** The kernel's unit for times in /proc, the same on every Linux that runs Java. */
  static final int TICKS_PER_SECOND = 100;

  private final List<Long> pids;
  private final List<JMXConnector> connectors = new ArrayList<>();
  private final List<com.sun.management.ThreadMXBean> threads = new ArrayList<>();
  private final OperatingSystemMXBean self =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  ServerProbe(List<Long> pids) {
    this.pids = pids;
  }

  /** Makes {@link ServerCost#allocatedBytes} count. */
  @SuppressWarnings("BanJNDI") // the address comes from a JVM that we started, over loopback
  void attach() throws IOException {
    for (long pid : pids) {
      JMXConnector connector =
          JMXConnectorFactory.connect(new JMXServiceURL(managementAddress(pid)));
      connectors.add(connector);
      threads.add(
          ManagementFactory.getPlatformMXBean(
              connector.getMBeanServerConnection(), com.sun.management.ThreadMXBean.class));
    }
  }

  ServerCost cost() throws IOException {
    return new ServerCost(
        System.nanoTime(), serverTicks(), machineTicks(), self.getProcessCpuTime(), allocated());
  }

  /** A line of /proc/PID/status that holds kilobytes, summed over the server's processes. */
  long statusKb(String name) throws IOException {
    long sum = 0;
    for (long pid : pids) {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith(name + ":")) {
          sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    }
    return sum;
  }

  @Override
  public void close() throws IOException {
    for (JMXConnector connector : connectors) {
      connector.close();
    }
  }

  private static String managementAddress(long pid) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
      try {
        return machine.startLocalManagementAgent();
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException("the JVM " + pid + " can't be attached to", e);
    }
  }

  private long serverTicks() throws IOException {
    long sum = 0;
    for (long pid : pids) {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The second field is the program's name in brackets and may hold blanks.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      sum += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
    return sum;
  }

  /** Busy time of the machine: everything in /proc/stat's first line but idle and waiting. */
  private static long machineTicks() throws IOException {
    String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +", -1);
    long busy = 0;
    for (int i = 1; i < Math.min(fields.length, 9); i++) {
      if (i != 4 && i != 5) {
        busy += Long.parseLong(fields[i]);
      }
    }
    return busy;
  }

  private Map<String, Long> allocated() {
    Map<String, Long> bytes = new HashMap<>();
    for (int process = 0; process < threads.size(); process++) {
      com.sun.management.ThreadMXBean bean = threads.get(process);
      long[] ids = bean.getAllThreadIds();
      long[] allocated = bean.getThreadAllocatedBytes(ids);
      for (int i = 0; i < ids.length; i++) {
        if (allocated[i] >= 0) { // -1: the thread ended in between
          bytes.put(process + ":" + ids[i], allocated[i]);
        }
      }
    }
    return bytes;
  }
}

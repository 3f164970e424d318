select trunc("so") from "bang";
